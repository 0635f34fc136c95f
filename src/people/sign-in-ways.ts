/** How a user may sign in, as clients read it. */
export type SignInWay = 'password' | 'openid';

/** The ways that a user has; none where an administrator has to give one first. */
export function signInWays(user: {
  readonly passwordHash: string | null;
  readonly identity: object | string | null;
}): SignInWay[] {
  return [
    ...(user.passwordHash === null ? [] : (['password'] as const)),
    ...(user.identity === null ? [] : (['openid'] as const)),
  ];
}
