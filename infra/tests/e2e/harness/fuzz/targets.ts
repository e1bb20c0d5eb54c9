import { join } from 'node:path';
import { operations } from '@paid-community/intake-service/operator/routes.ts';
import { intakeService } from '@paid-community/intake-service/service.ts';
import { joinTracker } from '@paid-community/join-tracker/service.ts';
import { healthRoutes } from '@paid-community/shared/platform/http/health.ts';
import type { Route } from '@paid-community/shared/platform/http/route.ts';
import { noTelemetry } from '@paid-community/shared/platform/telemetry/telemetry.ts';
import { metricsRoutes } from '@paid-community/shared/platform/http/metrics-route.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { derivedSecret, SECRET_HEADER } from '@paid-community/shared/telegram/webhook.ts';
import { topology } from '@paid-community/shared/topology.ts';
import { API_KEY, CHAT_ID, OPERATOR_KEY, WEBHOOK_SECRET } from '../credentials.ts';
import { joinUpdate } from '../telegram-updates.ts';
import { TEXTS, type Draw } from './junk.ts';
import type { Target } from './make-request.ts';

const PURCHASES = 'POST /v1/invite/request';
const UPDATES = 'POST /v1/telegram/webhook';
const BOT_UPDATES = 'POST /v1/telegram/webhook/:botId';

const FURTHER_BOT = '222222222';
const KEYS: Readonly<Record<string, string>> = {
  [UPDATES]: `${SECRET_HEADER}: ${WEBHOOK_SECRET}`,
  [BOT_UPDATES]: `${SECRET_HEADER}: ${derivedSecret(WEBHOOK_SECRET, FURTHER_BOT)}`,
};

/** What a body is before it is bent. */
const VALID_BODIES: Readonly<Record<string, (draw: Draw) => Readonly<Record<string, unknown>>>> = {
  [PURCHASES]: purchase,
  [UPDATES]: update,
  [BOT_UPDATES]: (draw) => ({ ...update(draw), botId: FURTHER_BOT }),
};

/** Of a hundred: what takes bodies from outside comes most. The operator API has the rest, each of its routes alike. */
const WEIGHTS: Readonly<Record<string, number>> = {
  [PURCHASES]: 30,
  [UPDATES]: 30,
  'GET /v1/invite/requests/:requestId': 6,
  'GET /healthz': 1,
  'GET /readyz': 1,
  'GET /metrics': 1,
};
/**
 * Operations that ask the services or Telegram, copy the store, or go over all that is retained: they would take the
 * time of all others. Another input may have paused the queue of the questions: then each waits as long as it may.
 */
const DEAR = new Set([
  'health.show',
  'health.fix',
  'backup.create',
  'rebuild',
  'store.rebuild',
  'subscription.replay',
  'person.erase',
  'bots.list',
  'communities.connect',
  'communities.change',
  'communities.links.make',
  'communities.links.revoke',
  'communities.test-message',
]);

/** Every route that the one process mounts, from the tables of the services themselves. */
export async function fuzzTargets(dataDir: string): Promise<readonly Target[]> {
  const routes = await mountedRoutes();
  return routes.map((route): Target => {
    const name = `${route.method} ${route.path}`;
    const operation = operations.find(({ method, path }) => method === route.method && path === route.path);
    if (operation !== undefined) {
      const { properties = {} } = operation.input as { readonly properties?: Readonly<Record<string, Schema>> };
      const valid = (draw: Draw): Readonly<Record<string, unknown>> =>
        Object.fromEntries(
          Object.entries(properties).flatMap(([field, schema]) =>
            draw.chance(0.7) ? [[field, valueOf(field, schema, draw, dataDir)]] : [],
          ),
        );
      return {
        method: route.method,
        path: route.path,
        key: `Authorization: Bearer ${OPERATOR_KEY}`,
        valid,
        weight: DEAR.has(operation.id) ? 0.02 : 1.5,
      };
    }
    const key = KEYS[name] ?? `Authorization: Bearer ${API_KEY}`;
    const valid = VALID_BODIES[name] ?? (() => ({ requestId: '0b5c3f6e-3f41-4a53-9a52-7c4c1c2f7a10' }));
    return { method: route.method, path: route.path, key, valid, weight: WEIGHTS[name] ?? 1 };
  });
}

/** In webhook mode and with metrics, which is all that there is. */
export async function mountedRoutes(): Promise<readonly Route[]> {
  const clock = new ManualClock();
  const { backend, close } = openTemporaryBackend(clock);
  const deps = { ...backend, clock, log: silentLog, telemetry: noTelemetry };
  const intake = intakeService({
    ...deps,
    config: { INTAKE_API_KEYS: [], OPERATOR_API_KEYS: [], RETENTION_DAYS: 400 },
  });
  const joins = joinTracker({
    ...deps,
    config: {
      BACKEND: 'embedded',
      TELEGRAM_UPDATES: 'webhook',
      TELEGRAM_WEBHOOK_SECRET: [],
      TELEGRAM_CHAT_ID: String(CHAT_ID),
      RETENTION_DAYS: 400,
      REMOVAL_BREAKER_PERCENT: 5,
      REMOVAL_BREAKER_LEAST: 10,
      DISPUTE_SUSPENDS: 'false',
    },
  });
  const measured = metricsRoutes({ ...noTelemetry, prometheusPage: () => Promise.resolve('') }, [], clock);
  await close();
  return [...intake.routes, ...joins.routes, ...healthRoutes(backend, clock), ...measured];
}

// Few different ones: the point is what they do to the system, not how many links it makes.
function purchase(draw: Draw): Readonly<Record<string, unknown>> {
  return { userId: `user-${draw.below(20)}`, ...(draw.chance(0.97) ? { transactionId: `t-${draw.below(10)}` } : {}) };
}

const STATES = ['left', 'kicked', 'member', 'restricted', 'administrator', 'creator'].map((status) => ({ status }));

function update(draw: Draw): Readonly<Record<string, unknown>> {
  if (draw.chance(0.1)) return { update_id: draw.below(1_000), message: { message_id: 1, text: 'hello' } };
  const link = draw.chance(0.7)
    ? { link: { invite_link: `https://t.me/+FuZzLiNk${draw.below(50)}xxxxxxx`, name: draw.one(TEXTS).slice(0, 32) } }
    : {};
  const change = joinUpdate({
    userId: 900 + draw.below(50),
    from: draw.one(STATES),
    to: draw.one(STATES),
    ...link,
    date: draw.one([0, 1_790_000_000, 4_294_967_295]),
  });
  if (!draw.chance(0.1)) return change;
  const { chat_member: member, ...rest } = change;
  return { ...rest, my_chat_member: member };
}

/** Settings of a community that are taken. */
const COMMUNITY_FIELDS: Readonly<Record<string, unknown>> = {
  timeZone: 'Asia/Kolkata',
  linkTtl: 'PT1H',
  grace: 'P3D',
  eraseAfter: 'P1Y',
  chatId: String(CHAT_ID),
};

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
}

/** Something that the schema takes, and at times something that exists. */
function valueOf(field: string, schema: Schema, draw: Draw, dataDir: string): unknown {
  if (schema.enum !== undefined) return draw.one(schema.enum);
  if (schema.const !== undefined) return schema.const;
  if (schema.type === 'boolean') return draw.chance(0.5);
  if (schema.type === 'integer' || schema.type === 'number')
    return draw.one([schema.minimum ?? 0, schema.maximum ?? 100, (schema.minimum ?? 0) + 1, 10]);
  if (schema.type === 'array')
    return Array.from({ length: draw.below(4) }, () =>
      valueOf(field, schema.items ?? { type: 'string' }, draw, dataDir),
    );
  if (schema.format === 'date-time')
    return draw.one(['2026-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z']);
  // A backup that is made stays in this folder.
  if (field === 'path')
    return join(
      dataDir,
      `backup-${draw.below(3)}${draw.chance(0.2) ? draw.one(['\u0000', '/x', '\ud800', 'x'.repeat(300)]) : ''}`,
    );
  if (field === 'subscription' || field === 'source') return draw.one(topology.subscriptions).name;
  if (field === 'name') return draw.chance(0.5) ? draw.one(topology.queues).name : `snapshot-${draw.below(3)}`;
  // Connected without a chat they wait for one; default is the one that purchases need at the end.
  if (field === 'communityId') return draw.one(['gold', 'silver', ...TEXTS]);
  if (field in COMMUNITY_FIELDS && draw.chance(0.8)) return COMMUNITY_FIELDS[field];
  if (field === 'userId') return `user-${draw.below(20)}`;
  return draw.one(TEXTS);
}
