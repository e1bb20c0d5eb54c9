import { listMatching } from '@paid-community/shared/config/parsers.ts';
import type { Setting, ValuesOf } from '@paid-community/shared/config/settings.ts';

export const intakeSettings = {
  INTAKE_API_KEYS: {
    description: 'keys that may request links, comma-separated; with two at once a key can be changed without an outage; make them long and random',
    parse: listMatching(/^[\x21-\x2b\x2d-\x7e]+$/, 'of printable characters without spaces'),
    secret: true,
  } as Setting<readonly string[]>,
};

export type IntakeConfig = ValuesOf<typeof intakeSettings>;
