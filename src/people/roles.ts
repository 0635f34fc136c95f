/** The roles of an access token, or of a user, on the gateway itself, as in the README's table. */
export const roles = ['administrator', 'issuer', 'auditor'] as const;
export type Role = (typeof roles)[number];

/** What a route of the internal API, or a page, asks of its caller. */
export type Right = 'create-tokens' | 'revoke' | 'read' | 'administer';

const rights: Readonly<Record<Role, readonly Right[]>> = {
  administrator: ['create-tokens', 'revoke', 'read', 'administer'],
  issuer: ['create-tokens', 'revoke'],
  auditor: ['read'],
};

/** Whether `role` includes `right`. */
export function roleAllows(role: Role, right: Right): boolean {
  return rights[role].includes(right);
}

/** Whether a word from outside is a role. */
export function isRole(word: string): word is Role {
  return roles.some((role) => role === word);
}
