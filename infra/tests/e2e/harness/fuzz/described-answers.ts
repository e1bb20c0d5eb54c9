import { groups } from '../../../../deploy/generated/openapi/endpoints.ts';
import { refusalsOf } from '@paid-community/shared/platform/http/refusals-of.ts';
import { statusOfCode } from '../wire.ts';

/** A path or a method that was bent is that of no endpoint. */
const UNROUTED: readonly number[] = [404, 405];

/** The statuses that openapi.json describes, by `<method> <path>` of the route. */
export const describedStatuses: ReadonlyMap<string, ReadonlySet<number | undefined>> = new Map(
  groups
    .flatMap(({ endpoints }) => endpoints)
    .map((endpoint) => {
      const refusals = refusalsOf(endpoint).map((code) => statusOfCode[code]);
      return [
        `${endpoint.method} ${endpoint.path}`,
        new Set([endpoint.answer.status, ...refusals, ...UNROUTED]),
      ] as const;
    }),
);
