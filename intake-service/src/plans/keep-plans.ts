import { archived, newPlan, type PlanTerms } from '@paid-community/shared/model/plans/plan-life.ts';
import { plans, type Plan } from '@paid-community/shared/model/plans/plan.ts';
import type { Clock } from '@paid-community/shared/platform/ports/clock.ts';
import { changeDocument, createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { DocumentStore } from '@paid-community/shared/platform/ports/document-store.ts';
import { timeOfChange } from '../time-of-change.ts';

interface Deps {
  readonly store: DocumentStore;
  readonly clock: Clock;
}

/** Returns the plan of this id: the new one, or the one that there was. @throws RetryableError */
export async function keepPlan(terms: PlanTerms, deps: Deps): Promise<Plan> {
  const made = newPlan(terms, await timeOfChange(plans, deps));
  const isNew = await createIfAbsent(deps.store, plans, terms.planId, made);
  return isNew ? made : ((await deps.store.get(plans, terms.planId))?.data ?? made);
}

/** Undefined: there is no such plan. @throws RetryableError */
export async function archiveKeptPlan(planId: string, deps: Deps): Promise<Plan | undefined> {
  const at = await timeOfChange(plans, deps);
  return changeDocument(deps.store, plans, planId, (known) =>
    known?.state === 'active' ? archived(known, at) : undefined,
  );
}
