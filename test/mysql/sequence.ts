/** A table of the numbers from 1 on, as `seq`. MariaDB has such tables by name, and MySQL has none. */
export const sequence = (to: number, name = 'numbers'): string =>
  `json_table(concat('[', repeat('0,', ${to - 1}), '0]'), '$[*]' columns (seq for ordinality)) as ${name}`;

/** Four million rows, of which the first is there at once. */
export const ENDLESS = `${sequence(2_000)} cross join ${sequence(2_000, 'more')}`;
