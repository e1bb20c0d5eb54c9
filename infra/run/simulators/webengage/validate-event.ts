import { isObject } from '../http/exchange.ts';

const MAX_USER_ID_CHARACTERS = 100;
const MAX_NAME_CHARACTERS = 49;
const MAX_TEXT_CHARACTERS = 999;
const MAX_ATTRIBUTES_PER_TYPE = 25;
/** yyyy-MM-ddTHH:mm:ss±hhmm: no milliseconds, no Z, no colon in the offset. */
const EVENT_TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d[+-]\d{4}$/;

export interface ValidEvent {
  readonly userId: string;
  readonly eventName: string;
  readonly eventTime: string | undefined;
  readonly eventData: Readonly<Record<string, unknown>>;
}

/** The event, or what is wrong with it in words. The limits are those of the documentation [we]. */
export function validateEvent(body: unknown): ValidEvent | string {
  if (!isObject(body)) return 'The request body is not a JSON object';
  const { userId, eventName, eventTime, eventData = {} } = body;
  const problem = userIdProblem(userId);
  if (typeof userId !== 'string' || problem !== undefined) return problem ?? 'userId is required';
  if (typeof eventName !== 'string' || eventName === '') return 'eventName is required and must be a string';
  if (eventName.length > MAX_NAME_CHARACTERS) return `eventName is longer than ${MAX_NAME_CHARACTERS} characters`;
  if (eventTime !== undefined && (typeof eventTime !== 'string' || !EVENT_TIME.test(eventTime))) {
    return 'eventTime does not match yyyy-MM-ddTHH:mm:ss±hhmm';
  }
  if (!isObject(eventData)) return 'eventData must be a JSON object';
  return attributeProblem(eventData) ?? { userId, eventName, eventTime, eventData };
}

export interface ValidUser {
  readonly userId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The user, or what is wrong with it in words. Only attributes of our own are known here, not name, mail and telephone. */
export function validateUser(body: unknown): ValidUser | string {
  if (!isObject(body)) return 'The request body is not a JSON object';
  const { userId, attributes = {}, ...others } = body;
  const [other] = Object.keys(others);
  if (other !== undefined) return `${other} is not known to this simulator`;
  const problem = userIdProblem(userId);
  if (typeof userId !== 'string' || problem !== undefined) return problem ?? 'userId is required';
  if (!isObject(attributes)) return 'attributes must be a JSON object';
  return attributeProblem(attributes) ?? { userId, attributes };
}

function userIdProblem(userId: unknown): string | undefined {
  if (typeof userId !== 'string' || userId === '') return 'userId is required and must be a string';
  return userId.length > MAX_USER_ID_CHARACTERS
    ? `userId is longer than ${MAX_USER_ID_CHARACTERS} characters`
    : undefined;
}

/** What WebEngage would call the attribute's type. */
export function attributeType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}

function attributeProblem(eventData: Readonly<Record<string, unknown>>): string | undefined {
  const perType = new Map<string, number>();
  for (const [name, value] of Object.entries(eventData)) {
    if (name.length > MAX_NAME_CHARACTERS)
      return `attribute name ${name} is longer than ${MAX_NAME_CHARACTERS} characters`;
    if (typeof value === 'string' && value.length > MAX_TEXT_CHARACTERS) {
      return `attribute ${name} is longer than ${MAX_TEXT_CHARACTERS} characters`;
    }
    const type = attributeType(value);
    const count = (perType.get(type) ?? 0) + 1;
    if (count > MAX_ATTRIBUTES_PER_TYPE) return `more than ${MAX_ATTRIBUTES_PER_TYPE} attributes of type ${type}`;
    perType.set(type, count);
  }
  return undefined;
}
