/** How long before its end a certificate is said to end soon, in seconds: thirty days. */
export const soonSeconds = 30 * 86_400;
