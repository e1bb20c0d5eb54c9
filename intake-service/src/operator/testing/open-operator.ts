import type { Backend } from '@paid-community/shared/platform/backends/backend.ts';
import { toDeadLetter, type DeadLetterReason } from '@paid-community/shared/platform/delivery/dead-letter.ts';
import type { InviteRequestDocument } from '@paid-community/shared/model/links/invite-request.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { refusalsOf } from '@paid-community/shared/platform/http/refusals-of.ts';
import type { OutgoingMessage } from '@paid-community/shared/platform/ports/event-bus.ts';
import { ManualClock } from '@paid-community/shared/platform/testing/manual-clock.ts';
import { RecordingEventBus, RecordingTaskQueue } from '@paid-community/shared/platform/testing/recording-ports.ts';
import { openTemporaryBackend, silentLog } from '@paid-community/shared/platform/testing/temporary-backend.ts';
import { compileValidator } from '@paid-community/shared/platform/validation/validator.ts';
import { recordDeadLetter } from '../../dead-letters/record-dead-letter.ts';
import type { Operation, OperatorDeps } from '../http/operation.ts';
import { operations } from '../routes.ts';

const RETENTION_DAYS = 400;

/** A store with the operations over it; what they publish and queue is kept, not delivered. */
export interface Operator {
  readonly backend: Backend;
  readonly clock: ManualClock;
  readonly eventBus: RecordingEventBus;
  readonly taskQueue: RecordingTaskQueue;
  /** As over HTTP; the answer is held against its schema. @throws what the operation throws */
  call<T extends object>(action: string, input?: object, operator?: string): Promise<T>;
  /** The same, through other ports. */
  callWith<T extends object>(ports: Partial<OperatorDeps>, action: string, input?: object): Promise<T>;
  /** A message comes to the dead letters. */
  deadLetter(messageId: string, message: OutgoingMessage, why?: Partial<DeadLetterReason>): Promise<void>;
  close(): Promise<void>;
}

export function openOperator(): Operator {
  const clock = new ManualClock();
  const { backend, close } = openTemporaryBackend(clock);
  const eventBus = new RecordingEventBus();
  const taskQueue = new RecordingTaskQueue();
  const perform = async <T extends object>(
    ports: Partial<OperatorDeps>,
    action: string,
    input: object,
    operator: string,
  ): Promise<T> => {
    const operation = operations.find((each) => each.id === action);
    if (operation === undefined) throw new Error(`There is no operation ${action}`);
    const deps = {
      ...backend,
      eventBus,
      taskQueue,
      config: { RETENTION_DAYS },
      dataDir: undefined,
      clock,
      log: silentLog,
      ...ports,
    };
    const request = { headers: {}, params: {}, query: input as Record<string, string>, body: input };
    const { body } = await operation
      .answerTo({ ...request, caller: operator, traceparent: 't' }, deps)
      .catch((error: unknown) => {
        requireDescribed(operation, error);
        throw error;
      });
    const said: unknown = JSON.parse(JSON.stringify(body));
    const checked = compileValidator(operation.answer.schema)(said);
    if (!checked.valid) throw new Error(`Not what openapi.json says: ${JSON.stringify(checked.issues)}`);
    const { ok, ...answer } = said as T & { readonly ok: unknown };
    if (ok !== true) throw new Error('A success without ok');
    return answer as unknown as T;
  };
  return {
    backend,
    clock,
    eventBus,
    taskQueue,
    call: (action, input = {}, operator = 'ada') => perform({}, action, input, operator),
    callWith: (ports, action, input = {}) => perform(ports, action, input, 'ada'),
    deadLetter: (messageId, message, why = {}) => {
      const reason = {
        source: 'link-worker-purchase-events',
        attempts: 1,
        code: 'invalid_event',
        reason: 'Not a purchase',
        ...why,
      };
      const received = {
        ...toDeadLetter(message, reason),
        messageId,
        publishTime: new Date(clock.now()),
        deliveryAttempt: 1,
      };
      return recordDeadLetter(received, backend.store, RETENTION_DAYS);
    },
    close,
  };
}

/** Holds openapi.json true: an operation throws no code that its description does not name. */
function requireDescribed(operation: Operation, error: unknown): void {
  if (!(error instanceof HttpError) || refusalsOf(operation).includes(error.code)) return;
  throw new Error(`${operation.id} does not say that it answers ${error.code}`, { cause: error });
}

export function purchase(name: string): OutgoingMessage {
  return { data: JSON.stringify({ name }), attributes: { id: `${name}.purchase-received`, type: 'PurchaseReceived' } };
}

export const REQUEST: InviteRequestDocument = {
  requestId: '01234567-89ab-8def-8123-456789abcdef',
  userId: 'user-1',
  transactionId: 'txn-1',
  communityId: 'default',
  status: 'DONE',
  attempts: 1,
  createdAt: '2025-12-31T10:00:00.000Z',
  updatedAt: '2025-12-31T10:00:01.000Z',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  inviteLink: 'https://t.me/+first',
  telegramChatId: '-1001',
  linkCreatedAt: '2025-12-31T10:00:01.000Z',
};

/** The same, given up. */
export const FAILED_REQUEST: InviteRequestDocument = {
  ...REQUEST,
  status: 'FAILED',
  attempts: 50,
  inviteLink: undefined,
  linkCreatedAt: undefined,
  lastError: { code: 'telegram_unreachable', message: 'no answer' },
  failures: [{ at: '2025-12-31T11:00:00.000Z', code: 'telegram_unreachable', message: 'no answer' }],
  failedAt: '2025-12-31T11:00:00.000Z',
};
