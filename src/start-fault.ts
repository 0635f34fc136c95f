/** One sentence that stops the start: what is wrong and what to change, no secret in it; `cause` holds the rest. */
export class StartFault extends Error {
  constructor(sentence: string, options?: { readonly cause: unknown }) {
    super(sentence, options);
    this.name = 'StartFault';
  }
}
