"""The enumerations of the values methods, by their JSON names."""

# JSON name → (proto name, enum type, known names)
ENUMS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "majorDimension": ("major_dimension", "Dimension", ("DIMENSION_UNSPECIFIED", "ROWS", "COLUMNS")),
    "valueInputOption": (
        "value_input_option",
        "ValueInputOption",
        ("INPUT_VALUE_OPTION_UNSPECIFIED", "RAW", "USER_ENTERED"),
    ),
}
ENUMS["insertDataOption"] = ("insert_data_option", "InsertDataOption", ("OVERWRITE", "INSERT_ROWS"))
RENDER_OPTION = ("ValueRenderOption", ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"))
DATE_OPTION = ("DateTimeRenderOption", ("SERIAL_NUMBER", "FORMATTED_STRING"))
ENUMS["valueRenderOption"] = ("value_render_option", *RENDER_OPTION)
ENUMS["dateTimeRenderOption"] = ("date_time_render_option", *DATE_OPTION)
ENUMS["responseValueRenderOption"] = ("response_value_render_option", *RENDER_OPTION)
ENUMS["responseDateTimeRenderOption"] = ("response_date_time_render_option", *DATE_OPTION)
