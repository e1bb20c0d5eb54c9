import type { Security } from '@paid-community/shared/platform/http/security.ts';

export const intakeKey: Security = {
  name: 'intakeKey',
  description: 'One of INTAKE_API_KEYS: the key of the system that reports purchases.',
  sentAs: 'key',
};
