import { listMatching } from '../platform/config/parsers.ts';
import { setting } from '../platform/config/settings.ts';

/**
 * It names the old owner, so that it does nothing any more once the store has a new one: no later mistake is let
 * through by what was forgotten.
 */
export const storeOwnerSettings = {
  STORE_OWNER_CHANGE: setting({
    description:
      'owners from whom the store is taken away on purpose, comma-separated, as the refused start names them; needed for one start',
    parse: listMatching(
      /^(telegram|webengage):[^\s,]+$/,
      'as a refused start names it, such as telegram:123456789/-1001234567890',
    ),
    fallback: undefined,
  }),
};
