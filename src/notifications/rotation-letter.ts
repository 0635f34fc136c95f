import type { Letter } from './announcement-layout.js';
import type { RotationAnnouncement } from './outbox.js';

/** What became of a request for new credentials, as text and as HTML; `consoleUrl` is the page of the request. */
export function rotationLetter(announcement: RotationAnnouncement, consoleUrl: string): Letter {
  const { kind, rotation } = announcement;
  return { subject: `${rotation.accessName}: ${kind}`, text: consoleUrl, html: consoleUrl };
}
