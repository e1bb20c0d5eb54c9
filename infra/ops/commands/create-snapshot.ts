import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../command-line/usage-error.ts';

export const createSnapshot = defineCommand({
  name: 'snapshot create',
  summary: 'Gives the present state of a subscription a name, to replay from it later: before a deploy, say.',
  parameters: [{ name: 'name', description: 'such as before-deploy' }],
  options: { subscription: { type: 'string', value: 'S', description: 'name of the subscription' } },
  run: async ({ values, parameters: [name = ''] }, { api, output }) => {
    const { subscription } = values;
    if (subscription === undefined)
      throw new UsageError('snapshot create needs --subscription, such as link-worker-purchase-events');
    const { snapshot } = await api.post<{
      readonly snapshot: { readonly name: string; readonly topic: string; readonly expiresAt: string };
    }>('/snapshots', { name, subscription });
    output.result(
      { snapshot },
      () => `Snapshot ${snapshot.name} of ${subscription} is made; it can be replayed until ${snapshot.expiresAt}.`,
    );
    return exitCodes.done;
  },
});
