/** The URLs under which makePkiRoutes and makeOcspRoutes serve an authority. */
export function pkiUrls(
  pkiUrl: string,
  authorityId: string,
): { readonly crlUrl: string; readonly ocspUrl: string; readonly issuerUrl: string } {
  return {
    crlUrl: `${pkiUrl}/pki/${authorityId}.crl`,
    ocspUrl: `${pkiUrl}/pki/ocsp`,
    issuerUrl: `${pkiUrl}/pki/${authorityId}.crt`,
  };
}

/** Under this name the record has the base of them as the gateway was told it; empty where there is none. */
export const pkiUrlSetting = 'pki_url';
