import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { commaSeparated } from '../arguments.ts';
import { describePlan, type Plan } from './plan-answer.ts';

export const createPlan = defineCommand({
  name: 'plans create',
  summary:
    'Makes a plan: what one purchase of it opens, and for how long. What it gives and costs never changes: archive it, and make another. Running it again changes nothing.',
  parameters: [{ name: 'planId', description: 'for the purchases to name it: 1 to 60 of A-Z, a-z, 0-9, _ and -' }],
  options: {
    name: { type: 'string', value: 'S', description: 'what people call it (default: its id)' },
    communities: { type: 'string', value: 'IDS', description: 'all that one purchase opens, comma-separated' },
    period: { type: 'string', value: 'D', description: 'such as P1M, P30D, P1Y or lifetime' },
    prices: { type: 'string', value: 'PS', description: 'comma-separated, such as "499.00 INR,5.99 USD"' },
    'stripe-prices': { type: 'string', value: 'IDS', description: 'ids of prices of Stripe, comma-separated' },
  },
  run: async ({ values, parameters: [planId = ''] }, { api, output }) => {
    const { name = planId, communities, period } = values;
    if (communities === undefined) throw new UsageError('plans create needs --communities, such as gold,silver');
    if (period === undefined) throw new UsageError('plans create needs --period, such as P1M or lifetime');
    const { plan } = await api.post<{ readonly plan: Plan }>('/plans', {
      planId,
      name,
      communityIds: commaSeparated(communities),
      period,
      prices: commaSeparated(values.prices)?.map(priceFrom),
      stripePriceIds: commaSeparated(values['stripe-prices']),
    });
    output.result({ plan }, () => describePlan(plan));
    return exitCodes.done;
  },
});

function priceFrom(text: string): { readonly amount: string; readonly currency: string } {
  const [amount = '', currency, ...more] = text.split(/\s+/);
  if (currency === undefined || more.length > 0)
    throw new UsageError('--prices must be amounts with their currencies, such as "499.00 INR,5.99 USD"');
  return { amount, currency };
}
