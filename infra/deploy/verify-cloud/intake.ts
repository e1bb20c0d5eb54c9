import { StepFailed } from './step-failed.ts';

/** Cloud Run may start an instance first. */
const TIMEOUT_MS = 60_000;

export interface Answer {
  readonly status: number;
  /** Undefined when it is no JSON of this system, but for instance a page of a proxy in front. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export type CallIntake = (path: string, request?: { readonly key?: string; readonly body?: object }) => Promise<Answer>;

/** @throws StepFailed when nobody answers. */
export function connectIntake(url: string): CallIntake {
  return async (path, { key, body } = {}) => {
    const headers = {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      // A redirect would carry the key to another host.
      const options = { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
      const response = await fetch(
        `${url}${path}`,
        body === undefined ? options : { ...options, method: 'POST', body: JSON.stringify(body) },
      );
      return { status: response.status, body: parse(await response.text()) };
    } catch (error) {
      throw new StepFailed(`${new URL(url).origin} cannot be reached: ${faultOf(error)}`, adviceOf(faultOf(error)), {
        cause: error,
      });
    }
  };
}

function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}

function adviceOf(fault: string): readonly string[] {
  if (fault === 'ENOTFOUND' || fault === 'EAI_AGAIN')
    return [
      'DNS does not know the host. Is it intakeUrl of `npm run pulumi -- stack output`, and is this machine online?',
    ];
  if (/CERT|TLS|SSL|SIGNED/.test(fault))
    return [
      'TLS: the certificate is not one for this host. Is a proxy in between, or a domain of your own whose certificate is not there yet?',
    ];
  return ['Is --url intakeUrl of `npm run pulumi -- stack output`, and may this machine open connections to it?'];
}

function parse(text: string): Answer['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'ok' in value ? { ...value } : undefined;
  } catch {
    // The status says enough.
    return undefined;
  }
}

/** An answer that no step knows. */
export function unexpected(what: string, { status, body }: Answer): StepFailed {
  const { message } = (body?.['error'] ?? {}) as { readonly message?: unknown };
  return new StepFailed(`${what}: the answer is ${status}${typeof message === 'string' ? `: ${message}` : ''}`, []);
}
