/** What a transaction may see of others, in SQL's own words. */
export const ISOLATIONS = ['read uncommitted', 'read committed', 'repeatable read', 'serializable'] as const;
export type Isolation = (typeof ISOLATIONS)[number];
