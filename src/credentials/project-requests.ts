import { z } from 'zod';
import { durationForm, longestDuration, secondsOf } from '../duration.js';
import { emailAddressRule, readEmailAddress } from '../email-address.js';
import { readJsonObject } from '../http/json-object.js';
import { projectRoles } from '../people/project-rights.js';
import type { ProjectRole } from '../storage/schema.js';
import type { ProjectFacts } from './change-projects.js';

/** A short text without control characters. */
export const textValue = z
  .string({ error: 'has to be a string' })
  .regex(
    /^[^\p{Cc}\p{Cs}]{0,256}$/u,
    'has at most 256 characters, none of them a control character',
  );

const emailValue = z.string({ error: 'has to be an address' }).transform((text, context) => {
  const email = readEmailAddress(text);
  if (email !== undefined) return email;
  context.addIssue(emailAddressRule);
  return z.NEVER;
});

/** `[{email}]` -> addresses, each once. */
export const techEmailsValue = z
  .array(z.object({ email: emailValue }, { error: 'has to be {"email": ADDRESS}' }), {
    error: 'has to be an array of {"email": ADDRESS}',
  })
  .max(50, 'names at most 50 addresses')
  .transform((list) => [...new Set(list.map(({ email }) => email))]);

const durationForms = 'has to be a whole number and a unit, such as 30m, 12h or 92d';
/** `30m`, `12h`, `92d` -> seconds. */
export const durationValue = z
  .string({ error: durationForms })
  .regex(durationForm, durationForms)
  .transform(secondsOf)
  .refine((seconds) => seconds <= longestDuration, 'has to be less than a hundred years');

const roleValue = z.enum(projectRoles, {
  error: `has to be one of ${projectRoles.join(', ')}`,
});

const facts = {
  organization_id: textValue.nullish(),
  account_id: textValue.nullish(),
  cloud: textValue.nullish(),
  tech_emails: techEmailsValue.nullish(),
  certificate_validity: durationValue.nullish(),
  renew_before: durationValue.nullish(),
};

/** The body that creates a project. */
export const newProject = z.object({
  ...facts,
  project: z.string({ error: 'has to be a string' }),
});
/** The body that changes a project. */
export const changedProject = z.object({ ...facts, project_name: textValue.nullish() });
/** The body that invites somebody. */
export const invitation = z.object({ user_email: emailValue, member_type: roleValue.nullish() });
/** The body that changes a member's role. */
export const changedMember = z.object({ member_type: roleValue });

/** `{project, organization_id?, cloud?, tech_emails?, certificate_validity?, renew_before?}` */
export function readNewProject(body: Uint8Array): {
  name: string;
  organizationId: string | undefined;
  facts: Partial<ProjectFacts>;
} {
  const parsed = readJsonObject(body, newProject);
  return {
    name: parsed.project,
    organizationId: parsed.organization_id ?? parsed.account_id ?? undefined,
    facts: factsOf(parsed),
  };
}

/** The same but for the name; what is absent stays, and null gives a duration of the gateway's settings back. */
export function readChangedProject(body: Uint8Array): {
  name: string | undefined;
  organizationId: string | undefined;
  facts: Partial<ProjectFacts>;
} {
  const parsed = readJsonObject(body, changedProject);
  return {
    name: parsed.project_name ?? undefined,
    organizationId: parsed.organization_id ?? parsed.account_id ?? undefined,
    facts: factsOf(parsed),
  };
}

/** `{user_email, member_type?}`; a developer where no role is named. */
export function readInvitation(body: Uint8Array): { email: string; role: ProjectRole } {
  const { user_email: email, member_type: role } = readJsonObject(body, invitation);
  return { email, role: role ?? 'developer' };
}

/** `{member_type}` */
export function readChangedMember(body: Uint8Array): { role: ProjectRole } {
  return { role: readJsonObject(body, changedMember).member_type };
}

function factsOf(parsed: z.output<typeof newProject> | z.output<typeof changedProject>) {
  const { cloud, tech_emails, certificate_validity, renew_before } = parsed;
  return {
    ...(typeof cloud === 'string' ? { defaultCloud: cloud } : {}),
    ...(tech_emails ? { techEmails: tech_emails } : {}),
    ...(certificate_validity === undefined ? {} : { validitySeconds: certificate_validity }),
    ...(renew_before === undefined ? {} : { renewBeforeSeconds: renew_before }),
  };
}
