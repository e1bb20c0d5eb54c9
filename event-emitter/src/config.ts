import { matching, rootUrl } from '@paid-community/shared/config/parsers.ts';
import type { Setting, ValuesOf } from '@paid-community/shared/config/settings.ts';

export const eventEmitterSettings = {
  WEBENGAGE_LICENSE_CODE: {
    description: 'licence code of the WebEngage account, from its Integrations page',
    parse: matching(/^[A-Za-z0-9~_-]+$/, 'letters, digits, ~, _ and - only'),
  } as Setting<string>,
  WEBENGAGE_API_KEY: {
    description: 'API key of the WebEngage account',
    parse: matching(/^[\x21-\x7e]+$/, 'printable characters without spaces'),
    secret: true,
  } as Setting<string>,
  WEBENGAGE_API_ROOT: {
    description: 'https://api.webengage.com, https://api.in.webengage.com (India) or https://api.ksa.webengage.com: the data centre of the account',
    parse: rootUrl('https:', 'http:'),
    fallback: 'https://api.webengage.com',
  } as Setting<string>,
};

export type EventEmitterConfig = ValuesOf<typeof eventEmitterSettings>;
