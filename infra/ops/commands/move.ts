import { systemClock } from '@paid-community/shared/platform/lifecycle/system-clock.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { defineCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { readMoveSettings } from '../move/move-settings.ts';
import {
  checkMove,
  COUNTED_AT_MOST,
  lookAtMove,
  moveStore,
  type LookReport,
  type MoveReport,
} from '../move/move-store.ts';
import { openMoveTarget } from '../move/move-target.ts';
import { formatTable } from '../table.ts';

/** A person wants to see some; --json has all. */
const SHOWN_IDS = 20;

export const move = defineCommand({
  name: 'move',
  summary:
    'Takes everything of a stopped one-process system, on its machine, to the services on Google Cloud: documents, queued tasks, events that wait.',
  parameters: [],
  options: {
    'data-dir': { type: 'string', value: 'D', description: "the system's DATA_DIR" },
    project: { type: 'string', value: 'P', description: 'id of the Google Cloud project (default: GCP_PROJECT)' },
    database: {
      type: 'string',
      value: 'B',
      description: 'id of the Firestore database (default: FIRESTORE_DATABASE, else (default))',
    },
    region: {
      type: 'string',
      value: 'R',
      description: 'region of the Cloud Tasks queue (default: GCP_LOCATION, else asia-south1)',
    },
    queue: {
      type: 'string',
      value: 'Q',
      description: 'id of the Cloud Tasks queue (default: TASKS_QUEUE, else tg-invite-queue)',
    },
    'link-worker-url': {
      type: 'string',
      value: 'L',
      description: 'URL of link-worker, which executes the tasks (default: LINK_WORKER_URL)',
    },
    'tasks-service-account': {
      type: 'string',
      value: 'A',
      description: 'e-mail of the account that tasks are signed as (default: TASKS_SERVICE_ACCOUNT)',
    },
    'dry-run': { type: 'boolean', description: 'only count, on both sides' },
  },
  run: async ({ values }, { output, confirm, begin, environment }) => {
    const dataDir = values['data-dir'];
    if (dataDir === undefined) throw new UsageError("move needs --data-dir: the system's DATA_DIR, such as .data");
    const settings = readMoveSettings(values, environment);
    const target = openMoveTarget(settings, systemClock);
    try {
      await checkMove({ dataDir, settings, target, clock: systemClock });
      if (values['dry-run'] === true) {
        const report = await lookAtMove({ dataDir, settings, target, clock: systemClock });
        output.result({ dryRun: true, ...report }, () => describeLook(report));
        return exitCodes.done;
      }
      await confirm(
        `The store in ${dataDir} is moved to project ${settings.GCP_PROJECT}, Firestore database ${settings.FIRESTORE_DATABASE}, and is not started here any more.`,
      );
      const report = await moveStore({ dataDir, settings, target, clock: systemClock, output }, begin);
      output.result(report, () => describeMove(report, dataDir));
      return differs(report) ? exitCodes.failures : exitCodes.done;
    } finally {
      await target.close();
    }
  },
});

function differs({ documents, tasks, messages }: MoveReport): boolean {
  return (
    documents.some(({ conflicts, missing }) => conflicts.length + missing.length > 0) ||
    [...tasks, ...messages].some(({ here, there }) => here !== there)
  );
}

function describeMove(report: MoveReport, dataDir: string): string {
  const { documents, tasks, messages, paused } = report;
  const conflicts = documents.flatMap(({ collection, conflicts: ids }) => ids.map((id) => `${collection}/${id}`));
  const missing = documents.flatMap(({ collection, missing: ids }) => ids.map((id) => `${collection}/${id}`));
  return [
    formatTable(
      ['documents', 'here', 'there', 'same', 'gone on there', 'theirs kept', 'differ', 'missing', 'expired here'],
      documents.map(({ collection, here, there, same, goneOn, kept, conflicts: differ, missing: gone, expired }) => [
        collection,
        here,
        there,
        same,
        goneOn,
        kept,
        differ.length,
        gone.length,
        expired,
      ]),
    ),
    '',
    formatTable(
      ['waits', 'here', 'taken there'],
      [...tasks, ...messages].map(({ name, here, there }) => [name, here, there]),
    ),
    '',
    ...listed('documents were there already with another content, and stay as they are there', conflicts),
    ...listed('documents are not there', missing),
    ...(paused.length === 0
      ? []
      : [`Paused here, and now there: ${paused.join(', ')}. \`ops queue resume\` lets the links go on.`]),
    `${differs(report) ? 'Moved, but both sides differ as above' : 'Everything is there'}: project ${report.to.project}. The store in ${dataDir} is not started here any more.`,
  ].join('\n');
}

function describeLook({ to, documents, tasks, messages, left }: LookReport): string {
  return [
    formatTable(
      ['documents', 'here', `in project ${to.project}`, 'expired here'],
      documents.map(({ collection, here, there, expired }) => [
        collection,
        here,
        there < COUNTED_AT_MOST ? there : `${there} or more`,
        expired,
      ]),
    ),
    '',
    formatTable(
      ['waits', 'here'],
      [...tasks, ...messages].map(({ name, here }) => [name, here]),
    ),
    '',
    `Not moved, as it is of use here only: ${left.map(({ name, here }) => `${here} ${name}`).join(', ')}. Nothing was changed.`,
  ].join('\n');
}

function listed(what: string, ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  return [
    `${ids.length} ${what}:`,
    ...ids.slice(0, SHOWN_IDS).map((id) => `  ${id}`),
    ...(ids.length > SHOWN_IDS ? [`  and ${ids.length - SHOWN_IDS} more; --json lists all`] : []),
    '',
  ];
}
