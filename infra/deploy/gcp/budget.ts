import { Budget } from '@pulumi/gcp/billing/budget.js';
import { Provider } from '@pulumi/gcp/provider.js';
import type { NotificationChannel } from '@pulumi/gcp/monitoring/notificationChannel.js';
import type { Context } from './context.ts';

/** Parts of the amount at which somebody is written to. It stops nothing. */
const THRESHOLDS = [0.5, 0.9, 1];

export function declareBudget({ config, project, after }: Context, channels: readonly NotificationChannel[]): void {
  const { billingAccount, budgetAmount, projectNumber } = config.values;
  if (billingAccount === 'none') return;
  // This API takes the quota of a project, which credentials of a person do not name by themselves.
  const provider = new Provider('billing', { project, billingProject: project, userProjectOverride: true });
  new Budget(
    'monthly-costs',
    {
      billingAccount,
      displayName: `paid-community ${config.stack} (${project})`,
      budgetFilter: { projects: [`projects/${projectNumber}`], calendarPeriod: 'MONTH' },
      amount: { specifiedAmount: { units: String(budgetAmount) } },
      thresholdRules: [
        ...THRESHOLDS.map((thresholdPercent) => ({ thresholdPercent, spendBasis: 'CURRENT_SPEND' })),
        { thresholdPercent: 1, spendBasis: 'FORECASTED_SPEND' },
      ],
      allUpdatesRule: {
        monitoringNotificationChannels: channels.map(({ id }) => id),
        disableDefaultIamRecipients: false,
      },
    },
    { ...after('billingbudgets'), provider },
  );
}
