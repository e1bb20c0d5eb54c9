import type { KnownError } from './known-error.ts';

const CHECK_LICENCE =
  'Check WEBENGAGE_LICENSE_CODE, and WEBENGAGE_API_ROOT: https://api.webengage.com, or https://api.in.webengage.com when the dashboard is dashboard.in.webengage.com, or https://api.ksa.webengage.com';

/** What WebEngage answers. */
export const WEBENGAGE_ERRORS: readonly KnownError[] = [
  // WebEngage.
  {
    side: 'WebEngage',
    answer: [429],
    kind: 'wait',
    meaning: 'WebEngage asks to slow down: more than 5,000 events a minute',
    advice: 'Nothing: events wait, and are sent when it allows',
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: [401, 403],
    kind: 'administrator',
    source: 'we',
    meaning: 'WebEngage refuses the key',
    advice:
      'In its dashboard, Data Platform > Integrations > REST API, take the key of an administrator with the permissions Account Management and Update Data; set WEBENGAGE_API_KEY and restart',
  },
  {
    side: 'WebEngage',
    answer: [404],
    kind: 'administrator',
    meaning: 'WebEngage does not know the licence at this data centre',
    advice: CHECK_LICENCE,
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: [400],
    says: ['license', 'licence', 'account not found', 'invalid account'],
    kind: 'administrator',
    meaning: 'WebEngage refuses the licence at this data centre',
    advice: CHECK_LICENCE,
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: [400, 413, 422],
    kind: 'final',
    meaning: 'WebEngage does not take this event: a user id has at most 100 characters, a value less than 1,000',
    advice: 'Its words say which field; the event is with the dead letters',
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: [408],
    kind: 'again',
    meaning: 'WebEngage did not get the whole request in time',
    source: 'we',
  },
  {
    side: 'WebEngage',
    answer: ['5xx'],
    kind: 'again',
    meaning: 'WebEngage has trouble of its own; see status.webengage.com',
    source: 'we',
  },
];
