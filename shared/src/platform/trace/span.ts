export type Attributes = Readonly<Record<string, string | number>>;

/** A span under way. Nothing happens where nothing is traced. */
export interface Span {
  /** W3C trace context of this span, to be sent along. */
  readonly traceparent: string;
  readonly name: (name: string) => void;
  readonly set: (attributes: Attributes) => void;
  /** Marks it as failed; a rejected work does so by itself. */
  readonly fail: (errorType: string) => void;
  /** Points to another trace that this one goes on from. */
  readonly linkTo: (traceparent: string) => void;
}
