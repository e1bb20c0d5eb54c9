import type { Static, TObject, TString } from 'typebox';
import { compileValidator, type Issue, type Written } from '../validation/validator.ts';
import { HttpError, type HttpErrorCode } from './http-error.ts';
import { headerReader, type HeaderField } from './read-headers.ts';
import type { Authenticate, HttpRequest, HttpResponse, Route } from './route.ts';
import type { Security } from './security.ts';

/** What a success is answered with. */
export interface AnswerRule<Schema> {
  readonly status: number;
  readonly description: string;
  readonly schema: Schema;
  /** Needed for a text. */
  readonly contentType?: string | undefined;
}

/** What an endpoint says of itself: enough for its route and for its part of openapi.json. */
export interface EndpointDescription extends Pick<Route, 'method' | 'path' | 'traced' | 'atOnce' | 'body'> {
  /** `<things>.<verb>` */
  readonly id: string;
  readonly summary: string;
  /** Undefined: anybody may call. */
  readonly security: Security | undefined;
  /**
   * One object: the segments of the path, with the query (GET) or the fields of the JSON body (POST); so each field has
   * a name of its own. Nothing that identifies a person belongs into a path or a query: platforms log them.
   */
  readonly input: TObject;
  readonly headers?: readonly HeaderField[] | undefined;
  readonly answer: AnswerRule<TObject | TString>;
  /** Codes that `handle` throws, beside those that every route of its kind can answer. */
  readonly refusals: readonly HttpErrorCode[];
}

/** One call of an endpoint, beside its input. */
export interface EndpointCall extends Pick<HttpRequest, 'caller' | 'traceparent'> {
  /** Those that the endpoint names, by name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** What was sent, to the byte, where the body has the form `bytes`; otherwise empty. */
  readonly bytes: Buffer;
}

export interface EndpointDefinition<Input extends TObject, Answer extends TObject | TString, Deps> extends Omit<
  EndpointDescription,
  'input' | 'answer'
> {
  readonly input: Input;
  readonly answer: AnswerRule<Answer>;
  /** For callers who are known by name: a field that is not allowed is named to them. */
  readonly namesUnknown?: boolean | undefined;
  readonly texts: {
    /** Message of the 400 for an input that the schema refuses; its issues say where and why. */
    readonly invalid: string;
    /** The same for a body that is no JSON object; without it the schema says so. */
    readonly notAnObject?: string | undefined;
  };
  /** What the schema cannot say. */
  readonly check?: ((input: Static<Input>) => readonly Issue[]) | undefined;
  /** Hears of each input that is refused. */
  readonly onInvalid?: ((refusal: HttpError, call: Omit<EndpointCall, 'headers'>, deps: Deps) => void) | undefined;
  /** Returns the body of the answer. @throws HttpError of one of `refusals`; anything else is a 503 or a 500. */
  readonly handle: (input: Static<Input>, call: EndpointCall, deps: Deps) => Promise<Written<Static<Answer>>>;
}

/** An endpoint as tables hold it, with any types. */
export interface Endpoint<Deps> extends EndpointDescription {
  readonly answerTo: (request: HttpRequest, deps: Deps) => Promise<HttpResponse>;
}

const NO_BYTES = Buffer.alloc(0);

export function defineEndpoint<Input extends TObject, Answer extends TObject | TString, Deps>(
  definition: EndpointDefinition<Input, Answer, Deps>,
): Endpoint<Deps> {
  const { answer, headers = [], check, onInvalid, handle, texts } = definition;
  // The values of a query are texts.
  const validate = compileValidator(definition.input, {
    texts: !takesJson(definition),
    namesUnknown: definition.namesUnknown === true,
  });
  const readHeaders = headerReader(headers);
  const { status, contentType } = answer;
  const read = (request: HttpRequest): Static<Input> => {
    const input = validate(inputOf(definition, request, texts.notAnObject));
    if (!input.valid) throw new HttpError('invalid_request', texts.invalid, input.issues);
    const issues = check?.(input.value) ?? [];
    if (issues.length > 0) throw new HttpError('invalid_request', texts.invalid, issues);
    return input.value;
  };
  return {
    ...definition,
    answerTo: async (request, deps) => {
      const { caller, traceparent, body } = request;
      const call = { caller, traceparent, bytes: Buffer.isBuffer(body) ? body : NO_BYTES };
      let input: Static<Input>;
      try {
        input = read(request);
      } catch (error) {
        if (error instanceof HttpError) onInvalid?.(error, call, deps);
        throw error;
      }
      const said = await handle(
        input,
        { caller, traceparent, bytes: call.bytes, headers: readHeaders(request.headers) },
        deps,
      );
      return { status, body: said, contentType };
    },
  };
}

/** @throws Error when an endpoint that asks for a secret would be open to everybody. */
export function mountEndpoint<Deps>(endpoint: Endpoint<Deps>, deps: Deps, authenticate?: Authenticate): Route {
  const { method, path, traced, atOnce, body, security } = endpoint;
  if (authenticate === undefined && security !== undefined && security.optional !== true) {
    throw new Error(`${method} ${path} needs to know its caller`);
  }
  return {
    method,
    path,
    traced,
    atOnce,
    body,
    authenticate,
    handle: (request) => endpoint.answerTo(request, deps),
  };
}

/** JSON is what a POST takes unless it says otherwise. */
function takesJson({ method, body }: Pick<EndpointDescription, 'method' | 'body'>): boolean {
  return method === 'POST' && (body === undefined || body.form === 'json');
}

/** @throws HttpError invalid_request for a body that is no object, where the endpoint has words of its own for it. */
function inputOf(
  endpoint: Pick<EndpointDescription, 'method' | 'body' | 'path'>,
  request: HttpRequest,
  notAnObject: string | undefined,
): unknown {
  const { params, query, body } = request;
  if (!takesJson(endpoint)) return { ...query, ...params };
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return endpoint.path.includes(':') ? { ...body, ...params } : body;
  if (notAnObject !== undefined) throw new HttpError('invalid_request', notAnObject);
  return body;
}
