import type { EndpointDescription } from '@paid-community/shared/platform/http/endpoint.ts';
import type { Security } from '@paid-community/shared/platform/http/security.ts';

/** A key may come in either of two headers, and each of them is a scheme. */
function schemesOf({ name, description, sentAs }: Security): Readonly<Record<string, object>> {
  if (sentAs !== 'key') return { [name]: { type: 'apiKey', in: 'header', name: sentAs, description } };
  return {
    [name]: { type: 'http', scheme: 'bearer', description },
    [`${name}InHeader`]: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description },
  };
}

export function securitySchemes(endpoints: readonly EndpointDescription[]): Readonly<Record<string, object>> {
  const schemes = endpoints.flatMap(({ security }) =>
    security === undefined ? [] : Object.entries(schemesOf(security)),
  );
  return Object.fromEntries(schemes);
}

/** Any one of them; `{}` stands for nothing. */
export function securityOf(security: Security | undefined): readonly object[] {
  if (security === undefined) return [{}];
  const needs = Object.keys(schemesOf(security)).map((name) => ({ [name]: [] }));
  return security.optional === true ? [...needs, {}] : needs;
}
