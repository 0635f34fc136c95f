import { z } from 'zod';

/** `{step, force?}` */
export const stepOrder = z.object({
  step: z.enum(['prepare', 'activate', 'retire'], {
    error: 'has to be prepare, activate or retire',
  }),
  force: z.boolean({ error: 'has to be true or false' }).nullish(),
});

/** `{phase}`: 1 trusts both CAs, 2 presents a certificate of the new one. */
export const trustReport = z.object({
  phase: z.union([z.literal(1), z.literal(2)], { error: 'has to be 1 or 2' }),
});
