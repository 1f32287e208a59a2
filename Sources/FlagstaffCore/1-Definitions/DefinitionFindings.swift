// The codes of what is wrong with definitions, FS2001 to FS2099. A code never changes its meaning
// and is never reused; the message beside it may become better.

internal import Documents

extension Finding.Code {
  // The repository.
  static let strayFile = Self("FS2001")
  static let badCustomer = Self("FS2002")
  static let noWorkspace = Self("FS2003")
  static let notYetSupported = Self("FS2004")
  static let notHere = Self("FS2006")
  static let moreFindings = Self("FS2007")

  // Names and references.
  static let unknownEnvironment = Self("FS2010")
  static let unknownExperiment = Self("FS2011")
  static let unknownSegment = Self("FS2012")
  static let unknownVariant = Self("FS2013")
  static let segmentCycle = Self("FS2014")
  static let duplicateKey = Self("FS2015")
  static let duplicateIdentity = Self("FS2016")
  static let duplicateSalt = Self("FS2017")
  static let conditionTooLarge = Self("FS2018")

  // Experiments.
  static let mixedPayloads = Self("FS2030")
  static let flaglessInUse = Self("FS2031")
  static let variantWithoutBucket = Self("FS2032")
  static let badForce = Self("FS2033")
  static let badSchedule = Self("FS2034")
  static let winnerWithoutEnd = Self("FS2035")
  static let visibilityWithoutPayload = Self("FS2036")
  static let floorTooHigh = Self("FS2037")

  // Flags.
  static let missingOff = Self("FS2050")
  static let mixedTypes = Self("FS2051")
  static let valueAgainstSchema = Self("FS2052")
  static let badValueSchema = Self("FS2053")
  static let badRule = Self("FS2054")
  static let twoLiveExperiments = Self("FS2055")

  // Groups.
  static let unknownGroup = Self("FS2060")
  static let mixedUnits = Self("FS2061")
  static let groupOverfull = Self("FS2062")

  // Conditions and values.
  static let badInstant = Self("FS2070")
  static let badVersionRange = Self("FS2071")
}
