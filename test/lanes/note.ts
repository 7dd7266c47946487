import { Entity, integer, text } from 'offthread/orm';

export class Note extends Entity('note', { id: integer().primaryKey(), body: text().nullable() }) {}
