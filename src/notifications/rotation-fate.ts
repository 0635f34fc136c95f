import { formatDuration } from '../duration.js';
import type { RotationAnnouncement } from './outbox.js';

/** What becomes of the old credentials, as it is said before the reveal or after it. */
export function fateWords(
  rotation: RotationAnnouncement['rotation'],
  { isRevealed }: { readonly isRevealed: boolean },
): string {
  const password = isRevealed ? 'replaced' : 'replaced by the reveal';
  return `Old password: ${password}. Old certificate: ${certificateWords(rotation, isRevealed)}`;
}

function certificateWords(
  { revokeOld, graceSeconds }: RotationAnnouncement['rotation'],
  isRevealed: boolean,
): string {
  switch (revokeOld) {
    case 'at_once':
      return isRevealed ? 'revoked' : 'revoked by the reveal, at once';
    case 'after_grace':
      return `works for ${formatDuration(graceSeconds)} ${isRevealed ? 'from now' : 'after the reveal'}, then it is revoked`;
    case 'keep':
      return 'works on to its own end';
  }
}
