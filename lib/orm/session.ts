import type { Compilable, Kysely, RawBuilder } from 'kysely';
import type { Connection, Log, Statement } from '../connection/connection.js';
import { NotPortableError, ReadOnlyError, SessionEndedError, showSql, valueError } from '../errors.js';
import type { Changes, RowsOf } from '../plan/changes.js';
import type { AnyMapped, UnitSession } from '../plan/detached.js';
import type { DialectName } from '../plan/dialect.js';
import { readObject } from '../plan/option.js';
import { toQueryPlan } from '../plan/query.js';
import { stays } from '../wire/portable.js';
import { builderOf } from './builder.js';
import { UnitOfWork } from './flush/unit-of-work.js';
import { type Key, storedKey } from './mapping/key.js';
import { mappingOf } from './mapping/mapper.js';
import type { Mapping } from './mapping/mapping.js';
import type { EntityClass } from './mapping/relation.js';
import type { Tables } from './mapping/tables.js';
import { type Mergeable, merge } from './merge.js';
import { tablesBehind } from './query/condition.js';
import { plainRows, rowsFor } from './query/foreign-rows.js';
import { getLocked } from './query/lock.js';
import { Query } from './query/query.js';
import type { QueryHost } from './query/query-host.js';
import { resultOf } from './query/result.js';
import { loadLazily } from './relations/relation-loader.js';
import { mappingOfInstance } from './state.js';
import { refusePromise, type Sync } from './sync.js';
import { Workspace } from './workspace.js';

export interface GetOptions {
  /** `'update'`: nobody else writes the row until the transaction ends. */
  readonly lock?: 'update' | undefined;
}

/** What a session does with the transaction around it; who opens the session decides. */
export interface SessionSurroundings {
  /** In errors: `the unit 'rename'`. */
  readonly name: string;
  readonly access: 'read' | 'write';
  /** Before the first write of a flush or of SQL. */
  readonly beforeWrite: () => void;
  /** Before the raw connection is given out. */
  readonly beforeRaw: () => void;
  /** Where it is written down what the unit does, if somebody wants to know. */
  readonly log?: Log | undefined;
}

/**
 * One unit of work on one blocking connection: everything that is loaded, changed, added and removed through it, until
 * it is flushed. Synchronous; relations load when they are touched.
 */
export class Session implements UnitSession {
  declare readonly [sessionOf]: true;
  readonly #connection: Connection;
  readonly #surroundings: SessionSurroundings;
  readonly #workspace: Workspace;
  readonly #work: UnitOfWork;
  readonly #host: QueryHost;
  #isEnded = false;
  #isMerging = false;
  /** A query has to see what was changed before it, where it could see that: in the tables of these entities. */
  readonly #beforeQuery = (seen?: readonly Mapping[]): void => {
    this.alive('The session');
    if (this.#surroundings.access !== 'write' || this.#isMerging) return;
    if (seen === undefined || this.#work.isSeenBy(seen)) this.flush();
  };

  /** @internal */
  constructor(connection: Connection, surroundings: SessionSurroundings) {
    this.#connection = connection;
    this.#surroundings = surroundings;
    this.#workspace = new Workspace(connection, {
      load: (instance, name) => {
        this.alive(`${instance.constructor.name}.${name}`);
        const relation = mappingOfInstance(instance).relation(name);
        this.#beforeQuery(tablesBehind(relation));
        const value = loadLazily(this.#workspace, instance, name);
        this.#work.loaded(relation);
        const { log } = this.#surroundings;
        if (log !== undefined) log.lazyLoads++;
        return value;
      },
      find: (mapping, key) => this.#workspace.identities.get(mapping, key),
      include: (instance) => this.#work.add(instance),
      expect: (child) => this.#work.expect(child),
      touch: (instance) => this.#work.touch(instance),
      watch: (collection) => this.#workspace.collections.add(collection),
    });
    this.#work = new UnitOfWork(this.#workspace);
    this.#host = {
      workspace: this.#workspace,
      access: surroundings.access,
      beforeQuery: this.#beforeQuery,
      beforeWrite: (wrote) => {
        this.alive('The session');
        this.#beforeWrite(wrote);
      },
      finish: () => this.#writeRest(),
      deleted: (instance) => this.#work.deleted(instance),
      mark: () => this.#work.mark,
      forget: (gone, since) => this.#work.forget(gone, since),
    };
  }

  /** @internal */
  [stays](path: string): Error {
    return new NotPortableError({ path, found: 'a session', wayOut: 'Send what was read with it.' });
  }

  /** Refuses what comes after the end. @internal */
  protected alive(touched: string): void {
    if (this.#isEnded) throw new SessionEndedError({ touched });
  }

  /**
   * The entity with this key, or undefined; a query only where the session does not know it yet.
   *
   * With `{ lock: 'update' }` its row is locked until the transaction ends, and read again: as it is then, it stays. SQLite
   * has no locks of rows: there the session takes the one lock for writing, if it does not hold it yet.
   */
  get<T extends AnyMapped>(entity: EntityClass<T>, key: Key, options?: GetOptions): T | undefined {
    this.alive('The session');
    const mapping = mappingOf(entity as EntityClass);
    const stored = storedKey(mapping, key);
    const lock = options === undefined ? undefined : readObject('session.get()', options, ['lock']).lock;
    if (lock !== undefined && lock !== 'update') throw valueError('lock', lock, "'update'");
    // One that was only added has to be found too.
    if (this.#work.hasAdded && this.#workspace.identities.get(mapping, stored) === undefined) this.flush();
    if (lock === undefined) return this.#workspace.get(mapping, stored) as T | undefined;
    this.#beforeWrite(`a lock of ${mapping.name}`);
    return getLocked(this.#workspace, mapping, stored) as T | undefined;
  }

  /** A query for entities: `session.query(User).where({ name: 'Ada' }).first()`. */
  query<T extends AnyMapped, N extends string = string>(entity: EntityClass<T> & { readonly table?: N }): Query<T, N> {
    return new Query<T, N>(this.#host, mappingOf(entity as EntityClass));
  }

  /** Inserts it at the next flush, together with the new entities that it is related to. */
  add<T extends AnyMapped>(entity: T): T {
    this.alive('The session');
    this.#work.add(entity);
    return entity;
  }
  /** Deletes its row at the next flush. */
  remove(entity: AnyMapped): void {
    this.alive('The session');
    this.#work.remove(entity);
  }
  /**
   * Brings a detached object back: the entity with its key, changed to what the object says, or a new one where there is
   * none. Its relations are merged with it; a collection that is given is the whole collection.
   *
   * @throws StaleEntityError where it has a version column, and the object's version is not the row's
   */
  merge<T extends AnyMapped>(entity: EntityClass<T>, plain: Mergeable<T>): T {
    this.alive('The session');
    if (this.#work.hasAdded) this.flush();
    // What is new is not complete before all of it is there.
    this.#isMerging = true;
    try {
      const session = {
        get: (mapping: Mapping, key: readonly unknown[]) => this.#workspace.get(mapping, key),
        add: (instance: object) => this.#work.add(instance),
      };
      return merge(session, mappingOf(entity as EntityClass), plain) as T;
    } finally {
      this.#isMerging = false;
    }
  }
  /** Reads its row again, over changes that were not flushed. */
  refresh(entity: AnyMapped): void {
    this.alive('The session');
    this.#work.refresh(entity);
  }

  /** Writes what has changed, in the order that the keys need; nothing to write means no statement. */
  flush(): void {
    this.alive('The session');
    this.#work.flush(() => this.#beforeWrite(`${this.#work.firstChange()}`));
  }

  /** Runs a function whose work is undone, in the database and in the entities, if it throws. */
  savepoint<R>(work: () => R & Sync<R>): R {
    if (typeof work !== 'function') throw valueError('savepoint()', work, 'a function');
    this.flush();
    this.#beforeWrite('a savepoint');
    this.#connection.savepoint();
    const { mark } = this.#work;
    try {
      const result = work();
      refusePromise(result, 'A savepoint');
      this.flush();
      this.#connection.release();
      return result;
    } catch (error) {
      // Where the database ended the whole transaction there is no savepoint left to return to: the cause is the error.
      if (this.#connection.inTransaction) {
        this.#connection.rollbackToSavepoint();
        this.#work.restore(mark);
      }
      throw error;
    }
  }

  /** Rows of a query (`sql` or Kysely's), or what it changed; values are always bound. */
  run<O>(query: RawBuilder<O>): unknown extends O ? Record<string, unknown>[] & Changes : O[];
  run<O>(query: Compilable<O>): RowsOf<O>;
  run(query: unknown): unknown {
    const { prepared, parameters } = this.#prepare('session.run()', query);
    if (!prepared.isReadonly) this.#beforeWrite(showSql(prepared.sql));
    const answered = prepared.execute(parameters);
    return Array.isArray(answered) ? plainRows(prepared, answered) : answered;
  }

  /**
   * Entities from the rows of any query that reads, Kysely's or `sql`, which has to answer with each of their columns by
   * its name in SQL: ``session.entities(User, sql`select * from user where …`)``.
   */
  entities<T extends AnyMapped>(entity: EntityClass<T>, query: RawBuilder<unknown> | Compilable<unknown>): T[] {
    const { prepared, parameters } = this.#prepare('session.entities()', query);
    if (!prepared.isReadonly || !prepared.returnsRows)
      throw valueError('session.entities()', prepared.sql, 'a query that reads');
    const mapping = mappingOf(entity as EntityClass);
    const wishes = { ahead: [], refused: [], isLocked: false };
    return resultOf(this.#workspace, mapping, rowsFor(mapping, prepared, parameters), wishes) as T[];
  }

  #prepare(place: string, query: unknown): { prepared: Statement; parameters: readonly unknown[] } {
    this.#beforeQuery();
    const plan = toQueryPlan(query, this.#connection.dialect);
    if (plan === undefined) throw valueError(place, query, "a query: sql`…` or one of Kysely's");
    return { prepared: this.#connection.prepare(plan.sql), parameters: plan.parameters };
  }

  /**
   * Kysely over the tables of a module of entities, to build with: `session.kysely<typeof entities>()`. It has no
   * connection: what it builds is given to `run` or `entities`.
   */
  kysely<M>(): Kysely<Tables<M>> {
    return builderOf(this.#connection);
  }

  /** Whose SQL the database speaks. */
  get dialect(): DialectName {
    return this.#connection.dialect;
  }

  /**
   * What the caller's tracer has sent along with the call, such as `{ traceparent: '00-…' }`: for a unit that logs, or calls
   * others. Undefined where nobody traces.
   */
  get trace(): Readonly<Record<string, string>> | undefined {
    return this.#surroundings.log?.trace;
  }

  /** The blocking connection itself: on SQLite better-sqlite3's own object. Leave the transaction to the session. */
  get connection(): unknown {
    this.#beforeQuery();
    this.#surroundings.beforeRaw();
    return this.#connection.lend();
  }

  #beforeWrite(wrote: string): void {
    const { access, name, beforeWrite } = this.#surroundings;
    if (access === 'read') throw new ReadOnlyError({ what: name, wrote });
    beforeWrite();
  }

  /** The last flush; a session that may only read refuses what would be lost. For whoever opened the session. @internal */
  finish(): void {
    this.#writeRest();
    this.#work.refuseMissing();
  }
  #writeRest(): void {
    if (this.#surroundings.access === 'write') return this.flush();
    const change = this.#work.firstChange();
    if (change !== undefined) throw new ReadOnlyError({ what: this.#surroundings.name, wrote: change });
  }
  /** The transaction was committed. For whoever opened the session. @internal */
  settle(): void {
    this.#work.settle();
  }
  /** Every entity as the database is, after a rollback. For whoever opened the session. @internal */
  restore(): void {
    this.#work.restore(0);
  }
  /** From now on its relations do not load any more. For whoever opened the session. @internal */
  end(): void {
    this.#isEnded = true;
    this.#connection.closeIterators();
  }
}
declare const sessionOf: keyof UnitSession;
