import type { LocalSession } from 'offthread/orm';

/** What a program of another library's documentation becomes here: it makes its own tables, and prints as that one does. */
export type Program = (session: LocalSession, print: Print) => void;
export type Print = (...values: unknown[]) => void;
