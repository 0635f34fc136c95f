import { z } from 'zod';
import type { DescribedRoutes } from '../http/described-route.js';
import { messageShape, timeShape } from '../http/described-route.js';
import { changedToken, credentials, tokenOrder } from './requests.js';

const signedIn = z.object({
  token: z.string().describe('Ends after 30 days.'),
  state: z.string(),
  user: z.string(),
  user_email: z.string(),
  user_id: z.string(),
});

const me = z.object({
  user: z.object({
    user: z.string().describe('The e-mail address.'),
    user_id: z.string(),
    real_name: z.string(),
    state: z.string(),
    create_time: timeShape,
    token_validity_begin: timeShape.describe('Tokens made before are no longer good.'),
    projects: z.array(z.string()),
    auth: z.array(z.string()),
  }),
});

const accessToken = z.object({
  token_prefix: z.string(),
  description: z.string(),
  max_age_seconds: z.int().nullable(),
  extend_when_used: z.boolean(),
  create_time: timeShape,
  created_manually: z.boolean().describe('Not by a sign-in.'),
  currently_active: z.boolean().describe('The one that this request came with.'),
  expiry_time: timeShape.nullable(),
  last_used_time: timeShape.nullable(),
  last_ip: z.string().nullable(),
  last_user_agent: z.string().nullable(),
});

/** Sign-in, the caller itself, and the caller's tokens. */
export const peopleDescribed: DescribedRoutes = {
  tag: { name: 'Users', description: 'Sign-in, the caller, and the tokens of the caller.' },
  shapes: { AccessToken: accessToken, Message: messageShape },
  routes: [
    {
      id: 'UserAuth',
      call: 'POST /v1/userauth',
      summary: 'A token for an e-mail address and a password.',
      isOpen: true,
      body: credentials,
      answer: signedIn,
      refusals: ['login-failed'],
    },
    { id: 'UserInfo', call: 'GET /v1/me', summary: 'The user that the token is of.', answer: me },
    {
      id: 'UserExpireTokens',
      call: 'POST /v1/me/expire_tokens',
      summary: 'Withdraws all tokens of the user.',
      answer: messageShape,
    },
    {
      id: 'AccessTokenList',
      call: 'GET /v1/access_token',
      summary: 'The tokens of the user.',
      answer: z.object({ tokens: z.array(accessToken) }),
    },
    {
      id: 'AccessTokenCreate',
      call: 'POST /v1/access_token',
      summary: 'Another token; it is shown this once.',
      body: tokenOrder,
      answer: accessToken.extend({ full_token: z.string() }),
    },
    {
      id: 'AccessTokenUpdate',
      call: 'PUT /v1/access_token/:token',
      summary: 'Describes the token with this prefix, or in full.',
      body: changedToken,
      answer: accessToken,
    },
    {
      id: 'AccessTokenRevoke',
      call: 'DELETE /v1/access_token/:token',
      summary: 'Withdraws the token with this prefix, or in full.',
      answer: messageShape,
    },
  ],
};
