import { writeFileSync } from 'node:fs';
import { asyncApiText } from './asyncapi-text.ts';

writeFileSync(new URL('../../../../asyncapi.yaml', import.meta.url), asyncApiText());
