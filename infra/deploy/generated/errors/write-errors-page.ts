import { writeFileSync } from 'node:fs';
import { errorsPage } from '@paid-community/shared/outside-errors/errors-page.ts';

writeFileSync(new URL('../../../../docs/errors.md', import.meta.url), errorsPage());
