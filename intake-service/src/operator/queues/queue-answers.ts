import type { QueueAdministration } from '@paid-community/shared/platform/ports/queue-administration.ts';
import type { Queue } from '@paid-community/shared/platform/ports/topology-types.ts';
import { Type, type Static } from 'typebox';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';

export const QueueAnswer = Type.Object({
  name: Type.String(),
  state: Type.Enum(['running', 'paused']),
  waiting: Type.Optional(Type.Integer({ description: 'tasks that are not finished, where that is known' })),
  maxDispatchesPerSecond: Type.Number(),
  maxConcurrentDispatches: Type.Integer(),
});

export async function describeQueue(
  queue: Queue,
  administration: QueueAdministration,
): Promise<Written<Static<typeof QueueAnswer>>> {
  return { name: queue.name, ...(await administration.describe(queue)) };
}
