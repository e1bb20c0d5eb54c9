import type { OAuth2Client } from 'google-auth-library';
import { RetryableError, errorMessage } from '../../../delivery/errors.ts';
import { withinDeadline } from '../call-limits.ts';

/** Public keys by key id, as PEM. */
export type Certificates = Readonly<Record<string, string>>;

/** @throws RetryableError when the key server does not answer. */
export type CertificateSource = () => Promise<Certificates>;

/**
 * The keys with which Google signs identity tokens, kept as long as their Cache-Control header says (hours). Google publishes
 * a new key long before it signs with it, so a key id that is not among them is a forgery. `url` is for tests.
 */
export function googleCertificates(url?: string): CertificateSource {
  let fetching: Promise<Certificates> | undefined;
  const client = openOnce(url);
  return () => {
    // Requests that come together, as after a cold start, share one call.
    fetching ??= fetchCertificates(client).finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
}

type Client = Pick<OAuth2Client, 'getFederatedSignonCertsAsync'>;

function openOnce(url: string | undefined): () => Promise<Client> {
  let client: Promise<Client> | undefined;
  return () => {
    client ??= import('google-auth-library').then(
      ({ OAuth2Client }) => new OAuth2Client(url === undefined ? {} : { endpoints: { oauth2FederatedSignonPemCertsUrl: url } }),
    );
    return client;
  };
}

async function fetchCertificates(client: () => Promise<Client>): Promise<Certificates> {
  try {
    const fetched = (await client()).getFederatedSignonCertsAsync();
    const { certs } = await withinDeadline('The key server of Google', fetched);
    // Under a key id there is a PEM, because that is the format that the client asks for outside browsers.
    return certs as Certificates;
  } catch (error) {
    if (error instanceof RetryableError) throw error;
    throw new RetryableError('key_server_unreachable', `The keys of Google could not be fetched (${errorMessage(error)})`, { cause: error });
  }
}
