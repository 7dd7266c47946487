import type { OperationNodeTransformer, RawBuilder, ValueNode } from 'kysely';
import { show } from '../../errors.js';
import { kysely, kyselySql as sql } from '../../plan/kysely.js';

/** An expression whose values stand in its text: what makes a table can bind none. */
export function inlined(expression: RawBuilder<unknown>): RawBuilder<unknown> {
  const node = inliner().transformNode(expression.toOperationNode());
  return { ...sql``, expressionType: undefined, toOperationNode: () => node } as never;
}

function inliner(): OperationNodeTransformer {
  return new (class extends kysely().OperationNodeTransformer {
    protected override transformValue(node: ValueNode): ValueNode {
      const { value } = node;
      if (value !== null && !['string', 'number', 'bigint', 'boolean'].includes(typeof value))
        throw new TypeError(`An expression of a table takes text and numbers, not ${show(value)}.`);
      return { ...node, immediate: true };
    }
  })();
}

/** Bytes as SQL writes them. */
export const bytesLiteral = (bytes: Uint8Array): RawBuilder<unknown> =>
  sql.raw(`x'${Buffer.from(bytes).toString('hex')}'`);
