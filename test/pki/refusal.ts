import { Failure } from '../../src/failure.js';
import { readRequest } from '../../src/pki/certification-request.js';

/** The failure with which a request is refused; undefined where it is accepted. Other errors fly. */
export function refusalOf(der: Uint8Array): Failure | undefined {
  try {
    readRequest(der);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
