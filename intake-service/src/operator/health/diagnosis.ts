import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { Type, type Static } from 'typebox';

/** One thing that was looked at. */
export const DiagnosisLine = Type.Object({
  service: Type.String({ description: 'whose view this is' }),
  check: Type.String(),
  state: Type.Enum(['ok', 'warning', 'failing', 'unknown'], { description: 'unknown = it could not be looked at' }),
  meaning: Type.String(),
  advice: Type.Optional(Type.String({ description: 'what to do' })),
  since: Type.Optional(Type.String({ description: 'since when it is so' })),
});

export type DiagnosisLine = Written<Static<typeof DiagnosisLine>>;

export const diagnosisFields = {
  healthy: Type.Boolean({ description: 'nothing is failing' }),
  checkId: Type.Optional(Type.String({ description: 'absent when the services could not be asked' })),
  checkedAt: Type.String(),
  lines: Type.Array(DiagnosisLine),
};
