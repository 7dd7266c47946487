/** In which company a plan runs. */
export interface Company {
  readonly access: 'read' | 'write';
  /** Called before a unit gets the raw connection, with which it could end the transaction of its neighbours. */
  readonly beforeRaw: () => void;
}
