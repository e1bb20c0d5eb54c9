import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import type { EventBus } from '@paid-community/shared/platform/ports/event-bus.ts';
import { askServices, type Asked } from './ask-services.ts';
import type { DiagnosisLine } from './diagnosis.ts';
import { examineOwn, type ExamineOwnDeps } from './examine-own.ts';
import { serviceLines } from './service-lines.ts';

export interface DiagnoseDeps extends ExamineOwnDeps {
  readonly eventBus: EventBus;
}

export interface Diagnosis {
  readonly healthy: boolean;
  readonly checkId: string | undefined;
  readonly checkedAt: string;
  readonly lines: readonly DiagnosisLine[];
  /** With `fix`: in one sentence what was done. */
  readonly fixed: string | undefined;
}

/**
 * Looks at everything, here and by the services, and with `fix` has the webhook set first. Takes as long as the slowest
 * answer, 20 s at most.
 */
export async function diagnose(
  request: { readonly fix: boolean; readonly traceparent: string },
  deps: DiagnoseDeps,
): Promise<Diagnosis> {
  const [own, asked] = await Promise.all([examineOwn(deps), askOrSayWhyNot(request, deps)]);
  const ownLines = own.map((finding): DiagnosisLine => ({ service: 'intake-service', ...finding }));
  const lines = [...ownLines, ...('problem' in asked ? [asked.problem] : serviceLines(asked))];
  return {
    healthy: lines.every(({ state }) => state !== 'failing'),
    checkId: 'problem' in asked ? undefined : asked.checkId,
    checkedAt: new Date(deps.clock.now()).toISOString(),
    lines,
    fixed: request.fix ? whatWasFixed(asked) : undefined,
  };
}

async function askOrSayWhyNot(
  request: { readonly fix: boolean; readonly traceparent: string },
  deps: DiagnoseDeps,
): Promise<Asked | { readonly problem: DiagnosisLine }> {
  try {
    return await askServices(request, deps);
  } catch (error) {
    const meaning = `The other services cannot be asked: ${errorMessage(error)}`;
    return {
      problem: {
        service: 'intake-service',
        check: 'services',
        state: 'failing',
        meaning,
        advice: 'First see to the line "backend"',
      },
    };
  }
}

function whatWasFixed(asked: Asked | { readonly problem: DiagnosisLine }): string {
  const nothing = 'Nothing as far as is known: link-worker, which does it, has not answered';
  if ('problem' in asked) return nothing;
  const facts = asked.answers.find(({ service, inTime }) => service === 'link-worker' && inTime)?.report?.facts;
  if (facts === undefined) return nothing;
  return facts['fixedFor'] === asked.checkId
    ? (facts['fix'] ?? nothing)
    : 'Somebody else had the webhook set at the same time; the lines say how it is now';
}
