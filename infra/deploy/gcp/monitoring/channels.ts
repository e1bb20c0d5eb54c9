import { NotificationChannel } from '@pulumi/gcp/monitoring/notificationChannel.js';
import type { Context } from '../context.ts';

/** Where alerts and the budget write to. */
export function declareChannels({ config, project, labels, after }: Context): readonly NotificationChannel[] {
  return config.values.alertEmails.map(
    (address) =>
      new NotificationChannel(
        `email-${address}`,
        {
          project,
          type: 'email',
          displayName: `${address} (${config.stack})`,
          labels: { email_address: address },
          userLabels: { ...labels },
        },
        after('monitoring'),
      ),
  );
}
