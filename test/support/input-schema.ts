import { buildSchema } from 'graphql'

/** Input types that no deployment has yet and GraphQL knows: recursion, defaults at every place, lists of lists, enums within. */
export const INPUT_SCHEMA = buildSchema(`
  enum Color { RED GREEN BLUE }
  enum Size { SMALL LARGE }
  input Point { x: Float! y: Float! = 0 label: String = "origin" color: Color = RED }
  input Shape {
    id: ID!
    points: [Point!]! = [{ x: 1 }]
    matrix: [[Int!]] = [[1, 2], [3]]
    center: Point = { x: 0.5, color: BLUE }
    sizes: [Size]
    inner: Shape
    others: [Shape!]
    visible: Boolean = true
    nothing: String = null
  }
  input Empty { a: Int b: [Empty] }
  input Names { constructor: String toString: Int = 7 length: Int }
  type Query {
    draw(shape: Shape!, colors: [Color!] = [RED], count: Int! = 3, matrix: [[Int]]): Int
    paint(point: Point = { x: 1, label: null }, size: Size, flags: [Boolean!]!, names: Names, ratio: Float): Int
    nest(empty: [[Empty!]!], id: ID, text: String! = "none", shapes: [Shape]): Int
  }
`)
