import { oneOf } from '../platform/config/parsers.ts';
import { setting } from '../platform/config/settings.ts';

/** For every service that folds grants. */
export const disputeSetting = {
  DISPUTE_SUSPENDS: setting({
    description: 'whether an open dispute of a payment takes its access away until it is closed',
    parse: oneOf('true', 'false'),
    fallback: 'false',
  }),
};
