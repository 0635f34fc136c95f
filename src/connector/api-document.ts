/** The OpenAPI document of the external API, served as /v1/api.yaml. */
export const apiDocument = `openapi: 3.0.3
info:
  title: Everleaf Connector API
  version: '1'
paths: {}
`;
