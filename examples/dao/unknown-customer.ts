export class UnknownCustomer extends Error {
  override name = 'UnknownCustomer';
  readonly id: number;
  constructor(id: number) {
    super(`There is no customer ${id}`);
    this.id = id;
  }
}
