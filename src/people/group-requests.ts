import { z } from 'zod';
import { readJsonObject } from '../http/json-object.js';

const nameValue = z.string({ error: 'has to be a string' });
const descriptionValue = z
  .string({ error: 'has to be a string' })
  .regex(/^[^\p{Cs}\0]{0,4096}$/u, 'has at most 4096 characters');
const memberIdsValue = z
  .array(z.string({ error: 'has to be the id of a user' }).regex(/^[a-z0-9]{1,36}$/, 'is no id'), {
    error: 'has to be an array of ids',
  })
  .min(1, 'has to name somebody')
  .max(500, 'names at most 500 users')
  .transform((ids) => [...new Set(ids)]);

/** The body that creates a group. */
export const newGroup = z.object({
  user_group_name: nameValue,
  description: descriptionValue.nullish(),
});

/** The body that changes a group. */
export const changedGroup = z.object({
  user_group_name: nameValue.nullish(),
  description: descriptionValue.nullish(),
});

/** The body that adds members to a group or removes them. */
export const changedMembers = z.object({
  operation: z.enum(['add_members', 'remove_members'], {
    error: 'has to be add_members or remove_members',
  }),
  member_ids: memberIdsValue,
});

/** `{user_group_name, description?}` */
export function readNewGroup(body: Uint8Array): { name: string; description: string } {
  const { user_group_name: name, description } = readJsonObject(body, newGroup);
  return { name, description: description ?? '' };
}

/** The same, each optional. */
export function readChangedGroup(body: Uint8Array): {
  name: string | undefined;
  description: string | undefined;
} {
  const { user_group_name: name, description } = readJsonObject(body, changedGroup);
  return { name: name ?? undefined, description: description ?? undefined };
}

/** `{operation, member_ids}` */
export function readChangedMembers(body: Uint8Array): {
  operation: 'add_members' | 'remove_members';
  userIds: string[];
} {
  const { operation, member_ids: userIds } = readJsonObject(body, changedMembers);
  return { operation, userIds };
}
