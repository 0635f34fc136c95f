/** Name and labels of letters, digits and what RFC 5321 4.1.2 calls an atom; `localhost` needs no dot. */
const form =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** What an e-mail address has to look like here, for a sentence that refuses one. */
export const emailAddressRule = 'must be an e-mail address, such as jo@example.com';

/** An e-mail address in lower case, as it is stored and compared; undefined where the text is none. */
export function readEmailAddress(text: string): string | undefined {
  if (text.length > 254 || text.indexOf('@') > 64) return undefined;
  const address = text.toLowerCase();
  return form.test(address) ? address : undefined;
}
