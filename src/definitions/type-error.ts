/** What a wrong definition is assigned to: the message stands in the compiler's output, for the person who caused it. */
export interface DefinitionTypeError<Message extends string> {
  readonly 'fieldstone definition error': Message
}
